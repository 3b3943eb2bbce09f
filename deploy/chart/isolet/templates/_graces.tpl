{{/* How long a worker may take to end, from the graces that its configuration names. */}}

{{/* The seconds of a duration such as "1m 30s", a begun one as a whole. */}}
{{- define "isolet.seconds" -}}
{{- $units := dict "ms" 1 "s" 1000 "m" 60000 "h" 3600000 "d" 86400000 -}}
{{- $total := 0 -}}
{{- range regexFindAll "[0-9]+\\s*[a-zA-Z]+" . -1 -}}
  {{- $unit := regexFind "[a-zA-Z]+" . -}}
  {{- $short := $unit -}}
  {{- if hasPrefix "ms" $unit -}}{{- $short = "ms" -}}
  {{- else if hasPrefix "mil" $unit -}}{{- $short = "ms" -}}
  {{- else if has $unit (list "m" "min" "mins" "minute" "minutes") -}}{{- $short = "m" -}}
  {{- else if hasPrefix "s" $unit -}}{{- $short = "s" -}}
  {{- else if hasPrefix "h" $unit -}}{{- $short = "h" -}}
  {{- else if hasPrefix "d" $unit -}}{{- $short = "d" -}}
  {{- else -}}{{- fail (printf "the duration %q of a grace has the unit %q, which this chart does not know: set terminationGracePeriodSeconds" $ $unit) -}}
  {{- end -}}
  {{- $total = add $total (mul (regexFind "[0-9]+" . | int64) (get $units $short)) -}}
{{- end -}}
{{- div (add $total 999) 1000 -}}
{{- end -}}

{{/*
The longest grace of one name in a text of TOML, or the default. A grace that is commented out counts, too: longer is harmless.
TOML lets names stand in quotes of two kinds, and texts in one or three of them. What it lets be written with escapes is
refused: nobody writes it so, and a grace that is overlooked has attempts killed.
*/}}
{{- define "isolet.longest" -}}
{{- $longest := int .default -}}
{{- range regexFindAll (printf "%s[\"']?\\s*=\\s*[\"']+[^\"']+" .name) .text -1 -}}
  {{- $value := regexReplaceAll "^[^=]*=\\s*[\"']+" . "" -}}
  {{- if contains "\\" $value -}}
    {{- fail (printf "the grace `%s` has an escape, which this chart does not read: write it without, or set terminationGracePeriodSeconds" .) -}}
  {{- end -}}
  {{- $longest = max $longest (include "isolet.seconds" $value | int) -}}
{{- end -}}
{{- if regexMatch "\"[^\"\n]*\\\\[uUx][^\"\n]*\"\\s*[.=]" .text -}}
  {{- fail "a name in the configuration has an escape, which this chart does not read: write it without, or set terminationGracePeriodSeconds" -}}
{{- end -}}
{{- $longest -}}
{{- end -}}

{{/*
A worker that is told to end lets attempts go on for shutdown-grace, cancels them, gives them kill-grace, and has 10 s for
reports that the server has not taken yet. 5 s are for what a busy machine adds.
*/}}
{{- define "isolet.terminationGracePeriodSeconds" -}}
{{- if not (kindIs "invalid" .Values.terminationGracePeriodSeconds) -}}
{{- .Values.terminationGracePeriodSeconds -}}
{{- else if include "isolet.ownConfig" . -}}
{{- $text := .Values.config -}}
{{- range $tenant := .Values.tenants -}}{{- $text = printf "%s\n%s" $text $tenant -}}{{- end -}}
{{- $shutdown := include "isolet.longest" (dict "name" "shutdown-grace" "default" 10 "text" $text) | int -}}
{{- $kill := include "isolet.longest" (dict "name" "kill-grace" "default" 5 "text" $text) | int -}}
{{- add $shutdown $kill 10 5 -}}
{{- else -}}
{{- fail "set terminationGracePeriodSeconds: with existingConfig the chart can't read the graces. The longest shutdown-grace and kill-grace and 15 seconds are right." -}}
{{- end -}}
{{- end -}}
