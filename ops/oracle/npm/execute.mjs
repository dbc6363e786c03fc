// Executes recorded operations with graphql-js. Reads lines from stdin: {"schema"} starts a graph and is answered with {}; an operation of
// router/internal/difftest's recording is answered with {"invalid": [message], "data": text, "errors": [path], "unknown": [field],
// "unused": [field], "mutations": [field]}.
import { createInterface } from "node:readline";
import { GraphQLError, buildSchema, execute, parse, validate } from "graphql";

// canonical is JSON with sorted members, so that equal arguments are equal text.
function canonical(v) {
  if (Array.isArray(v)) return `[${v.map(canonical).join(",")}]`;
  if (v === null || typeof v !== "object") return JSON.stringify(v);
  const names = Object.keys(v).filter((n) => v[n] !== undefined).sort();
  return `{${names.map((n) => `${JSON.stringify(n)}:${canonical(v[n])}`).join(",")}}`;
}

function resolved(value) {
  if (value === null) return null;
  if (Array.isArray(value)) return value.map(resolved);
  if ("object" in value) return { id: value.object };
  if (value.broken) throw new GraphQLError("this field is broken");
  return value.leaf;
}

async function run(schema, recorded) {
  const document = parse(recorded.query);
  const invalid = validate(schema, document).map((e) => e.message);
  const values = new Map();
  for (const [id, fields] of Object.entries(recorded.fields)) {
    for (const f of fields) values.set(`${id}.${f.name}(${canonical(f.arguments)})`, f.value);
  }
  const asked = new Set();
  const out = { invalid, data: "", errors: [], unknown: [], unused: [], mutations: [] };
  const result = await execute({
    schema,
    document,
    rootValue: { id: "" },
    variableValues: recorded.variables,
    typeResolver: (object) => object.id.slice(0, object.id.lastIndexOf(".")),
    fieldResolver: async (object, args, _, info) => {
      const id = object.id === "" ? `${info.parentType.name}.0` : object.id;
      const key = `${id}.${info.fieldName}(${canonical(args)})`;
      if (info.parentType === schema.getMutationType()) out.mutations.push(key.slice(key.indexOf(".0.") + 3).replace("({})", "()"));
      if (!values.has(key)) {
        out.unknown.push(key);
        return null;
      }
      asked.add(key);
      return resolved(values.get(key));
    },
  });
  out.data = JSON.stringify(result.data ?? null);
  for (const e of result.errors ?? []) out.errors.push(e.path ?? [e.message]);
  out.unused = [...values.keys()].filter((k) => !asked.has(k));
  return out;
}

let schema;
for await (const line of createInterface({ input: process.stdin })) {
  if (!line.trim()) continue;
  const input = JSON.parse(line);
  let answer = {};
  if (input.schema) schema = buildSchema(input.schema);
  else answer = await run(schema, input);
  process.stdout.write(JSON.stringify(answer) + "\n");
}
