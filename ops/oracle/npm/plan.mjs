// Two foreign query planners. Reads {"planner", "supergraph", "operations"} from stdin, one a line, and answers each with a line
// {"error"} if the planner refuses the supergraph, else {"plans": [{"error"} or {"fetches": [subgraph, ...]}]}, fetches sorted.
// A planner of native code may abort the process; the caller starts it again.
import { createInterface } from "node:readline";
import { parse } from "graphql";
import { QueryPlanner } from "@apollo/query-planner";
import { operationFromDocument, ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from "@apollo/federation-internals";
import { QueryPlanner as HivePlanner } from "@graphql-hive/router-query-planner";

const planners = {
  apollo(sdl) {
    const supergraph = Supergraph.build(sdl, { supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES });
    const planner = new QueryPlanner(supergraph);
    return (operation) => planner.buildQueryPlan(operationFromDocument(supergraph.apiSchema(), parse(operation)));
  },
  hive(sdl) {
    const planner = new HivePlanner(sdl);
    return (operation) => planner.plan(operation, undefined, new Set(), 0);
  },
};

// A batched fetch counts once for each of its parts, as planners differ in when they batch.
function fetches(node, out) {
  if (!node || typeof node !== "object") return out;
  if (node.kind === "Fetch") out.push(node.serviceName);
  if (node.kind === "BatchFetch") for (const _ of node.entityBatch.aliases) out.push(node.serviceName);
  for (const value of Object.values(node)) if (value && typeof value === "object") fetches(value, out);
  return out;
}

function answer({ planner, supergraph, operations }) {
  let plan;
  try {
    plan = planners[planner](supergraph);
  } catch (e) {
    return { error: String(e?.message ?? e) };
  }
  const plans = operations.map((operation) => {
    try {
      return { fetches: fetches(plan(operation).node, []).sort() };
    } catch (e) {
      return { error: String(e?.message ?? e) };
    }
  });
  return { plans };
}

for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim()) process.stdout.write(JSON.stringify(answer(JSON.parse(line))) + "\n");
}
