package dex

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/yamltext"
)

// DeploymentOptions say how dex runs in a cluster.
type DeploymentOptions struct {
	Name      string // of all objects; empty is tectonic-identity
	Namespace string // empty is tectonic-system
	// Image is dex's: a name with a tag or a digest. It is required.
	Image string
	// Replicas is how many instances run; zero is two. One of them at least runs
	// while nodes are drained.
	Replicas int
	// GRPCSecret is the Secret with the keys tls-cert, tls-key and ca-cert, which
	// the configuration finds below /etc/tls/grpc/server; empty is
	// NAME-grpc-server-secret.
	GRPCSecret string
	// IngressClass and TLSSecret are those of the Ingress; both may be empty.
	IngressClass string
	TLSSecret    string
	// Revision is any text that changes when a Secret that dex reads does: dex
	// notices none, so that its pods have to be rolled. The configuration's own
	// changes roll them without it.
	Revision string
}

// grpcServerDir is where the files of the gRPC interface are mounted.
const grpcServerDir = "/etc/tls/grpc/server"

// An Object is one Kubernetes object. That of kind Secret holds secrets, and no
// other does.
type Object struct {
	Kind string
	Name string
	YAML groundway.Secret // its text; for every other kind there is nothing to hide
}

// object is a mapping of YAML.
type object = map[string]any

// Objects returns the objects that run dex: ServiceAccount, the roles that its
// storage needs and no more, ConfigMap, Secret, Services, Deployment,
// PodDisruptionBudget and Ingress, in the order to apply them. Secrets of the
// configuration are in the Secret only, see [Render].
//
// The Deployment has what Tectonic's had not: a readiness probe, and instances that
// avoid each other's nodes. Both probes ask the path of the issuer with /healthz,
// which says that dex runs, and not that its storage answers: of that dex's own
// answers are the only sign.
func Objects(c Config, o DeploymentOptions) ([]Object, error) {
	o.Name = cmp.Or(o.Name, "tectonic-identity")
	o.Namespace = cmp.Or(o.Namespace, "tectonic-system")
	o.Replicas = cmp.Or(o.Replicas, 2)
	o.GRPCSecret = cmp.Or(o.GRPCSecret, o.Name+"-grpc-server-secret")
	issuer, err := url.Parse(c.Issuer)
	switch {
	case o.Image == "":
		return nil, fmt.Errorf("write objects: Image is missing")
	case err != nil || issuer.Host == "":
		return nil, fmt.Errorf("write objects: the issuer %q is not a URL with a host", c.Issuer)
	case c.Web.HTTP == "":
		return nil, fmt.Errorf("write objects: web.http is missing, to which the Service leads")
	}
	webPort, err := portOf("web.http", c.Web.HTTP)
	if err != nil {
		return nil, err
	}
	if listensLocally(c.Web.HTTP) {
		return nil, fmt.Errorf("write objects: web.http is %q, which no Service reaches", c.Web.HTTP)
	}
	if _, ok := c.Storage.Config.(MemoryStorage); ok && o.Replicas > 1 {
		return nil, fmt.Errorf("write objects: %d instances cannot share the memory storage", o.Replicas)
	}
	rendered, err := Render(c)
	if err != nil {
		return nil, err
	}
	w := &objectWriter{c: c, o: o, rendered: rendered}
	w.serviceAccount()
	w.put("ConfigMap", "v1", o.Name, object{"data": object{"config.yaml": string(rendered.Config)}})
	if len(rendered.Secrets) > 0 {
		w.put("Secret", "v1", o.Name, object{"type": "Opaque", "stringData": rendered.Secrets})
	}
	w.services(webPort)
	w.deployment(issuer, webPort)
	budget := object{"selector": w.selector(), "minAvailable": 1}
	if o.Replicas == 1 {
		// One instance that must stay would stop every drain.
		budget = object{"selector": w.selector(), "maxUnavailable": 1}
	}
	w.put("PodDisruptionBudget", "policy/v1", o.Name, object{"spec": budget})
	w.ingress(issuer)
	return w.objects, w.err
}

func portOf(what, address string) (int, error) {
	_, text, err := net.SplitHostPort(address)
	if err == nil {
		var port int
		if port, err = strconv.Atoi(text); err == nil {
			return port, nil
		}
	}
	return 0, fmt.Errorf("write objects: %s is %q, want an address with a port", what, address)
}

// Text joins objects to one file. It holds what they hold.
func Text(objects []Object) groundway.Secret {
	texts := make([]string, len(objects))
	for i, o := range objects {
		texts[i] = o.YAML.Reveal()
	}
	return groundway.NewSecret(strings.Join(texts, "---\n"))
}

type objectWriter struct {
	c        Config
	o        DeploymentOptions
	rendered Rendered
	objects  []Object
	err      error
}

// put writes an object. Those without a namespace belong to the cluster.
func (w *objectWriter) put(kind, version, name string, fields object) {
	metadata := object{"name": name, "labels": w.labels()}
	if kind != "ClusterRole" && kind != "ClusterRoleBinding" {
		metadata["namespace"] = w.o.Namespace
	}
	all := object{"apiVersion": version, "kind": kind, "metadata": metadata}
	maps.Copy(all, fields)
	reveal := func(groundway.Secret) bool { return kind == "Secret" }
	text, err := yamltext.Encode(reveal, all)
	if err != nil {
		w.err = cmp.Or(w.err, fmt.Errorf("write %s %q: %w", kind, name, err))
	}
	w.objects = append(w.objects, Object{kind, name, groundway.NewSecret(string(text))})
}

func (w *objectWriter) labels() object   { return object{"k8s-app": w.o.Name} }
func (w *objectWriter) selector() object { return object{"matchLabels": w.labels()} }

// resources are the custom resources of dex's Kubernetes storage.
var resources = []string{
	"authcodes", "authrequests", "connectors", "devicerequests", "devicetokens", "oauth2clients",
	"offlinesessionses", "passwords", "refreshtokens", "signingkeies",
}

// serviceAccount lets dex use its storage, by an identity that needs no dex: that is
// what breaks the circle of dex, which keeps its state in the API server, and the
// API server, which asks dex who people are.
func (w *objectWriter) serviceAccount() {
	storage, ok := w.c.Storage.Config.(KubernetesStorage)
	w.put("ServiceAccount", "v1", w.o.Name, object{"automountServiceAccountToken": ok && storage.InCluster})
	if !ok {
		return
	}
	const rbac = "rbac.authorization.k8s.io"
	bind := func(kind, role, name string) {
		w.put(kind, rbac+"/v1", name, object{
			"roleRef":  object{"apiGroup": rbac, "kind": role, "name": name},
			"subjects": []object{{"kind": "ServiceAccount", "name": w.o.Name, "namespace": w.o.Namespace}},
		})
	}
	w.put("Role", rbac+"/v1", w.o.Name, object{"rules": []object{{
		"apiGroups": []string{"dex.coreos.com"}, "resources": resources,
		"verbs": []string{"create", "delete", "get", "list", "update"},
	}}})
	bind("RoleBinding", "Role", w.o.Name)
	// Dex makes the definitions if they are not there, and looks whether they are
	// established.
	verbs := []string{"create", "get"}
	if storage.CRDHandling == "check" {
		verbs = []string{"get"}
	}
	w.put("ClusterRole", rbac+"/v1", w.o.Name, object{"rules": []object{{
		"apiGroups": []string{"apiextensions.k8s.io"}, "resources": []string{"customresourcedefinitions"}, "verbs": verbs,
	}}})
	bind("ClusterRoleBinding", "ClusterRole", w.o.Name)
}

func (w *objectWriter) services(webPort int) {
	service := func(name, port string, number, target int) {
		w.put("Service", "v1", name, object{"spec": object{
			"selector": w.labels(), "ports": []object{{"name": port, "port": number, "targetPort": target, "protocol": "TCP"}},
		}})
	}
	service(w.o.Name, "http", webPort, webPort)
	if w.c.GRPC.Addr != "" {
		if port, err := portOf("grpc.addr", w.c.GRPC.Addr); err != nil {
			w.err = cmp.Or(w.err, err)
		} else {
			service(w.o.Name+"-api", "grpc", port, port)
		}
	}
}

func (w *objectWriter) deployment(issuer *url.URL, webPort int) {
	sum := sha256.Sum256(append(slices.Clone(w.rendered.Config), w.o.Revision...))
	probe := func(delay int) object {
		return object{"httpGet": object{"path": strings.TrimRight(issuer.Path, "/") + "/healthz", "port": webPort}, "initialDelaySeconds": delay, "periodSeconds": 10, "timeoutSeconds": 5}
	}
	var env []object
	for _, name := range slices.Sorted(maps.Keys(w.rendered.Secrets)) {
		env = append(env, object{"name": name, "valueFrom": object{"secretKeyRef": object{"name": w.o.Name, "key": name}}})
	}
	env = append(env, object{"name": "KUBERNETES_POD_NAMESPACE", "valueFrom": object{"fieldRef": object{"fieldPath": "metadata.namespace"}}})
	mounts := []object{{"name": "config", "mountPath": "/etc/dex", "readOnly": true}}
	volumes := []object{{"name": "config", "configMap": object{"name": w.o.Name}}}
	if strings.HasPrefix(w.c.GRPC.TLSCert, grpcServerDir+"/") {
		mounts = append(mounts, object{"name": "grpc-server", "mountPath": grpcServerDir, "readOnly": true})
		volumes = append(volumes, object{"name": "grpc-server", "secret": object{"secretName": w.o.GRPCSecret, "defaultMode": 0o440}})
	}
	container := object{
		// The entrypoint of dex's image would take the file for a template, and write what it
		// makes of it to a file system that is read-only here.
		"name": "dex", "image": w.o.Image, "command": []string{"/usr/local/bin/dex", "serve", "/etc/dex/config.yaml"},
		"env": env, "ports": []object{{"name": "http", "containerPort": webPort}}, "volumeMounts": mounts,
		"livenessProbe": probe(5), "readinessProbe": probe(1),
		"resources": object{"requests": object{"cpu": "100m", "memory": "50Mi"}, "limits": object{"memory": "128Mi"}},
		"securityContext": object{
			"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "runAsNonRoot": true, "capabilities": object{"drop": []string{"ALL"}},
		},
	}
	if w.c.GRPC.Addr != "" {
		if port, err := portOf("grpc.addr", w.c.GRPC.Addr); err == nil {
			container["ports"] = append(container["ports"].([]object), object{"name": "grpc", "containerPort": port})
		}
	}
	w.put("Deployment", "apps/v1", w.o.Name, object{"spec": object{
		"replicas": w.o.Replicas, "selector": w.selector(), "minReadySeconds": 30,
		"strategy": object{"type": "RollingUpdate", "rollingUpdate": object{"maxUnavailable": 0, "maxSurge": 1}},
		"template": object{
			"metadata": object{"labels": w.labels(), "annotations": object{"checksum/configuration": hex.EncodeToString(sum[:8])}},
			"spec": object{
				"serviceAccountName": w.o.Name, "containers": []object{container}, "volumes": volumes,
				"securityContext": object{"runAsUser": 1001, "runAsGroup": 1001, "fsGroup": 1001},
				"affinity": object{"podAntiAffinity": object{"preferredDuringSchedulingIgnoredDuringExecution": []object{{
					"weight": 100, "podAffinityTerm": object{"topologyKey": "kubernetes.io/hostname", "labelSelector": w.selector()},
				}}}},
			},
		},
	}})
}

func (w *objectWriter) ingress(issuer *url.URL) {
	rule := object{"host": issuer.Hostname(), "http": object{"paths": []object{{
		"path": cmp.Or(strings.TrimRight(issuer.Path, "/"), "/"), "pathType": "Prefix",
		"backend": object{"service": object{"name": w.o.Name, "port": object{"name": "http"}}},
	}}}}
	spec := object{"rules": []object{rule}}
	if w.o.IngressClass != "" {
		spec["ingressClassName"] = w.o.IngressClass
	}
	if w.o.TLSSecret != "" {
		spec["tls"] = []object{{"hosts": []string{issuer.Hostname()}, "secretName": w.o.TLSSecret}}
	}
	w.put("Ingress", "networking.k8s.io/v1", w.o.Name, object{"spec": spec})
}
