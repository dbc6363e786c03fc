// The judge's verdicts. Reads inputs from stdin, one {"subgraphs": [{"name", "url", "sdl"}]} a line, and answers each with a line
// {"ok", "errors": [{"code", "message"}], "hints": [{"code", "message"}], "supergraph", "api"}.
import { createInterface } from "node:readline";
import { parse, printSchema } from "graphql";
import { composeServices } from "@apollo/composition";

const failure = (e) => ({ code: e.extensions?.code ?? "NO_CODE", message: String(e.message) });

function verdict(subgraphs, wantApi) {
  let result;
  try {
    result = composeServices(subgraphs.map((s) => ({ name: s.name, url: s.url ?? "", typeDefs: parse(s.sdl, { noLocation: true }) })));
  } catch (e) {
    const many = e?.extensions?.code || !e?.errors?.length ? [e] : e.errors;
    const code = (x) => x?.extensions?.code ?? (x?.name === "GraphQLError" ? "SYNTAX" : "THROWN");
    return { ok: false, errors: many.map((x) => ({ code: code(x), message: String(x?.message ?? x) })), hints: [] };
  }
  const hints = (result.hints ?? []).map((h) => ({ code: h.code ?? h.definition?.code, message: String(h.message) }));
  if (result.errors?.length) return { ok: false, errors: result.errors.map(failure), hints };
  const out = { ok: true, errors: [], hints, supergraph: result.supergraphSdl };
  if (wantApi) out.api = printSchema(result.schema.toAPISchema().toGraphQLJSSchema());
  return out;
}

for await (const line of createInterface({ input: process.stdin })) {
  if (!line.trim()) continue;
  const input = JSON.parse(line);
  process.stdout.write(JSON.stringify(verdict(input.subgraphs, input.api)) + "\n");
}
