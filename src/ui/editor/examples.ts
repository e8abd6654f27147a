/** Manifests to begin with. */
import type { editor } from '../i18n/en/editor.ts';

/** An example file. */
export interface Example {
  /** Key of its title. */
  title: keyof typeof editor;
  name: string;
  text: string;
}

/** All examples. They use only images that the cluster knows. */
export const EXAMPLES: readonly Example[] = [
  {
    title: 'exampleDeployment',
    name: 'web.yaml',
    text: `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - name: web
        image: nginx:1.27
        ports:
        - containerPort: 80
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
  - port: 80
    targetPort: 80
`,
  },
  {
    title: 'exampleStateful',
    name: 'stateful.yaml',
    text: `apiVersion: v1
kind: Service
metadata:
  name: store
spec:
  clusterIP: None
  selector:
    app: store
  ports:
  - port: 6379
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: store
spec:
  serviceName: store
  replicas: 3
  selector:
    matchLabels:
      app: store
  template:
    metadata:
      labels:
        app: store
    spec:
      containers:
      - name: redis
        image: redis:7
        ports:
        - containerPort: 6379
        volumeMounts:
        - name: data
          mountPath: /data
  volumeClaimTemplates:
  - metadata:
      name: data
    spec:
      accessModes: [ReadWriteOnce]
      resources:
        requests:
          storage: 1Gi
`,
  },
  {
    title: 'exampleJob',
    name: 'job.yaml',
    text: `apiVersion: batch/v1
kind: Job
metadata:
  name: once
spec:
  completions: 3
  parallelism: 2
  backoffLimit: 2
  template:
    spec:
      restartPolicy: Never
      containers:
      - name: work
        image: busybox:1.36
        command: [sh, -c, "echo working; sleep 5; echo done"]
---
apiVersion: batch/v1
kind: CronJob
metadata:
  name: every-minute
spec:
  schedule: "* * * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: OnFailure
          containers:
          - name: work
            image: busybox:1.36
            command: [sh, -c, date]
`,
  },
  {
    title: 'exampleConfig',
    name: 'config.yaml',
    text: `apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  GREETING: hello
---
apiVersion: v1
kind: Secret
metadata:
  name: credentials
stringData:
  PASSWORD: not-a-real-one
---
apiVersion: v1
kind: Pod
metadata:
  name: reader
  labels:
    app: reader
spec:
  containers:
  - name: reader
    image: busybox:1.36
    command: [sh, -c, "echo $GREETING; sleep 3600"]
    envFrom:
    - configMapRef:
        name: settings
    - secretRef:
        name: credentials
`,
  },
  {
    title: 'exampleProbes',
    name: 'probes.yaml',
    text: `apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
spec:
  replicas: 2
  selector:
    matchLabels:
      app: api
  strategy:
    rollingUpdate:
      maxSurge: 1
      maxUnavailable: 0
  template:
    metadata:
      labels:
        app: api
    spec:
      containers:
      - name: api
        image: nginx:1.27
        ports:
        - name: http
          containerPort: 80
        readinessProbe:
          httpGet:
            path: /
            port: http
          periodSeconds: 5
        livenessProbe:
          tcpSocket:
            port: http
          initialDelaySeconds: 10
        resources:
          requests:
            cpu: 100m
            memory: 64Mi
          limits:
            memory: 128Mi
`,
  },
  {
    title: 'exampleFault',
    name: 'fault.yaml',
    text: `apiVersion: kubarium.dev/v1alpha1
kind: Fault
metadata:
  name: node-2-down
spec:
  kind: NodeDown
  node: node-2
`,
  },
];
