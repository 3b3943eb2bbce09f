{{/* The pod of a worker, for a Deployment and a StatefulSet alike. */}}

{{- define "isolet.podTemplate" -}}
metadata:
  labels:
    {{- include "isolet.labels" . | nindent 4 }}
    {{- with .Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    kubectl.kubernetes.io/default-container: isolet
    {{- if and .Values.restartOnConfigChange (include "isolet.ownConfig" .) }}
    checksum/config: {{ printf "%s%s" .Values.config (toJson .Values.tenants) | sha256sum }}
    {{- end }}
    {{- with .Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "isolet.serviceAccountName" . }}
  # A worker asks Kubernetes for nothing.
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ include "isolet.terminationGracePeriodSeconds" . }}
  {{- with .Values.image.pullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  securityContext:
    {{- toYaml .Values.podSecurityContext | nindent 4 }}
  containers:
    - name: isolet
      image: {{ include "isolet.image" . | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args: [worker, --config=/etc/isolet/config/isolet.toml]
      env:
        {{- include "isolet.env" . | nindent 8 }}
      ports:
        - name: http
          containerPort: {{ .Values.web.port }}
      {{- include "isolet.probes" . | nindent 6 }}
      securityContext:
        {{- toYaml .Values.securityContext | nindent 8 }}
      resources:
        {{- toYaml .Values.resources | nindent 8 }}
      volumeMounts:
        {{- include "isolet.volumeMounts" . | nindent 8 }}
  volumes:
    {{- include "isolet.volumes" . | nindent 4 }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.topologySpreadConstraints }}
  topologySpreadConstraints:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{- define "isolet.probes" -}}
# While a worker starts it compiles components, and is not asked whether it lives.
startupProbe:
  httpGet: { path: /readyz, port: http }
  periodSeconds: 5
  timeoutSeconds: 5
  failureThreshold: {{ div (add .Values.probes.startupSeconds 4) 5 }}
livenessProbe:
  httpGet: { path: /healthz, port: http }
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: { path: /readyz, port: http }
  periodSeconds: 5
  timeoutSeconds: 5
{{- end -}}

{{- define "isolet.env" -}}
- { name: ISOLET_WEB_ADDRESS, value: "{{ .Values.web.host }}:{{ .Values.web.port }}" }
{{- if .Values.web.tokenSecret.name }}
- { name: ISOLET_WEB_TOKEN_FILE, value: {{ printf "/etc/isolet/web/%s" .Values.web.tokenSecret.key | quote }} }
{{- end }}
{{- with .Values.temporal.address }}
- { name: TEMPORAL_ADDRESS, value: {{ . | quote }} }
{{- end }}
{{- with .Values.temporal.namespace }}
- { name: TEMPORAL_NAMESPACE, value: {{ . | quote }} }
{{- end }}
{{- with .Values.temporal.deployment }}
- { name: TEMPORAL_DEPLOYMENT_NAME, value: {{ . | quote }} }
{{- end }}
{{- if .Values.registryCredentialsSecret }}
- { name: DOCKER_CONFIG, value: /etc/isolet/registry }
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}
