// Runs the GraphQL over HTTP audits of the npm package graphql-http against a
// server: node audit.mjs http://127.0.0.1:4000/graphql
// It exits with 1 unless all of them pass.
import { auditServer } from "graphql-http";

const url = process.argv[2];
if (!url) {
  console.error("usage: node audit.mjs URL");
  process.exit(2);
}
const results = await auditServer({ url, fetchFn: fetch });
const passed = results.filter((r) => r.status === "ok").length;
for (const r of results) {
  if (r.status !== "ok") console.log(`${r.status} ${r.id} ${r.name}: ${r.reason}`);
}
console.log(`${passed} of ${results.length} audits pass`);
process.exit(passed === results.length ? 0 : 1);
