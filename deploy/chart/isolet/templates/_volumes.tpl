{{/* What a worker finds in its file system, which is read-only but for four folders. */}}

{{- define "isolet.volumeMounts" -}}
# Whole folders, never a subPath: what is mounted by that does not follow its source.
- { name: config, mountPath: /etc/isolet/config, readOnly: true }
{{- range .Values.secrets }}
- { name: {{ printf "secret-%s" (replace "." "-" .) }}, mountPath: /etc/isolet/secrets/{{ . }}, readOnly: true }
{{- end }}
{{- if .Values.registryCredentialsSecret }}
- { name: registry, mountPath: /etc/isolet/registry, readOnly: true }
{{- end }}
{{- if .Values.web.tokenSecret.name }}
- { name: web, mountPath: /etc/isolet/web, readOnly: true }
{{- end }}
{{- if .Values.components }}
- { name: components, mountPath: /components, readOnly: true }
{{- end }}
- { name: run, mountPath: /run/isolet }
- { name: state, mountPath: /var/lib/isolet }
- { name: cache, mountPath: /var/cache/isolet }
- { name: tmp, mountPath: /tmp }
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "isolet.volumes" -}}
- name: config
  {{- include "isolet.configSource" . | nindent 2 }}
{{- range .Values.secrets }}
- name: {{ printf "secret-%s" (replace "." "-" .) }}
  secret: { secretName: {{ . }}, defaultMode: 0440 }
{{- end }}
{{- with .Values.registryCredentialsSecret }}
- name: registry
  secret:
    secretName: {{ . }}
    defaultMode: 0440
    items: [{ key: .dockerconfigjson, path: config.json }]
{{- end }}
{{- with .Values.web.tokenSecret.name }}
- name: web
  secret: { secretName: {{ . }}, defaultMode: 0440 }
{{- end }}
{{- with .Values.components }}
- name: components
  {{- toYaml . | nindent 2 }}
{{- end }}
- { name: run, emptyDir: { medium: Memory, sizeLimit: 1Mi } }
{{- if not .Values.persistence.enabled }}
- { name: state, emptyDir: { sizeLimit: 1Gi } }
{{- end }}
- { name: cache, emptyDir: { sizeLimit: {{ .Values.cache.sizeLimit }} } }
- { name: tmp, emptyDir: { medium: Memory, sizeLimit: 64Mi } }
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* isolet.toml and tenants.d, wherever they are. */}}
{{- define "isolet.configSource" -}}
{{- $items := list (dict "key" "isolet.toml" "path" "isolet.toml") -}}
{{- if include "isolet.ownConfig" . -}}
{{- range $name, $_ := .Values.tenants -}}
{{- $items = append $items (dict "key" (printf "tenant.%s.toml" $name) "path" (printf "tenants.d/%s.toml" $name)) -}}
{{- end -}}
configMap:
  name: {{ include "isolet.fullname" . }}
  items: {{- toYaml $items | nindent 4 }}
{{- else -}}
{{- range .Values.existingConfig.tenantKeys -}}
{{- $items = append $items (dict "key" . "path" (printf "tenants.d/%s" .)) -}}
{{- end -}}
{{- if .Values.existingConfig.secret -}}
secret:
  secretName: {{ .Values.existingConfig.secret }}
  defaultMode: 0440
{{- else -}}
configMap:
  name: {{ .Values.existingConfig.configMap }}
{{- end }}
  items: {{- toYaml $items | nindent 4 }}
{{- end -}}
{{- end -}}
