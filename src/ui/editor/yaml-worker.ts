/** monaco-yaml's worker: completion and hover. */
import 'monaco-yaml/yaml.worker.js';
