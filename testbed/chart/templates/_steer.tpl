{{/* Shell functions for the containers. The files in /hold and /fail are the test's: see fleet.py. */}}
{{- define "steer" -}}
steer() {  # prints the files of a folder and kind that mean this Application
	for token in {{ .Values.app }} app={{ .Values.app }} at={{ .Values.at }} env={{ .Values.env }} case={{ .Values.case }}; do
		if [ -e "/$1/$2-$token" ]; then echo "/$1/$2-$token"; fi
	done
}
held() {
	for file in $(steer hold $1); do
		touch "$file.reached"
		while [ -e "$file" ]; do sleep 0.1; done
	done
}
failing() {
	for file in $(steer fail $1); do
		cat "$file"
		exit 1
	done
}
{{- end -}}

{{- define "folders" -}}
volumeMounts:
- {name: hold, mountPath: /hold}
- {name: fail, mountPath: /fail, readOnly: true}
{{- end -}}

{{- define "pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: 0
volumes:
- {name: hold, hostPath: {path: {{ .Values.hold | quote }}, type: Directory}}
- {name: fail, hostPath: {path: {{ .Values.fail | quote }}, type: Directory}}
{{- end -}}

{{- define "labels" -}}
case: {{ .Values.case | quote }}
app: {{ .Values.app | quote }}
component: {{ .Values.component | quote }}
env: {{ .Values.env | quote }}
cluster: {{ .Values.cluster | quote }}
{{- end -}}
