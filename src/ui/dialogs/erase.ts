/** Deletes what this page keeps besides its cluster: the texts of the editor, copies of damaged clusters. */

const erased = (name: string): Promise<void> =>
  new Promise((resolve) => {
    const deletion = indexedDB.deleteDatabase(name);
    // Blocked: another tab holds it open; it is deleted when that lets go.
    deletion.onsuccess = deletion.onerror = deletion.onblocked = () => resolve();
  });

/** The cluster's own database stays: its worker writes to it. Never rejects. */
export async function eraseDatabases(): Promise<void> {
  try {
    const names = (await indexedDB.databases()).map(({ name = '' }) => name);
    await Promise.all(names.filter((name) => name.startsWith('kubarium-')).map(erased));
  } catch {
    return; // storage that refuses holds nothing
  }
}
