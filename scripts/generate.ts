/** `npm run gen`: everything that is generated and not committed. The second step runs the cluster, which needs what the first wrote. */
await import('./generate-schema.ts');
const { writeFirstCluster } = await import('./generate-first-cluster.ts');
writeFirstCluster();
export {};
