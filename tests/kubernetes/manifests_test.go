// SPDX-License-Identifier: Apache-2.0

// Package kubernetes holds config/kubernetes to the types of Kubernetes' own API: each object is
// decoded strictly, so that a member that is unknown, misspelt, of the wrong type or there twice is a
// failure. What the members have to fit each other for is checked beside it.
package kubernetes

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

const folder = "../../config/kubernetes"

// documents of a file, by their kind.
func documents(t *testing.T, name string) map[string][]byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]byte{}
	for _, document := range bytes.Split(text, []byte("\n---\n")) {
		var meta metav1.TypeMeta
		if err := yaml.Unmarshal(document, &meta); err != nil {
			t.Fatal(err)
		}
		if _, twice := found[meta.Kind]; twice || meta.Kind == "" {
			t.Fatalf("%s: a second %q", name, meta.Kind)
		}
		found[meta.Kind] = document
	}
	return found
}

func decode(t *testing.T, documents map[string][]byte, kind, version string, into any) {
	t.Helper()
	document, there := documents[kind]
	if !there {
		t.Fatalf("there is no %s", kind)
	}
	// As the API server does it: names of members are compared with their case.
	text, err := yaml.YAMLToJSONStrict(document)
	if err != nil {
		t.Fatalf("%s: %v", kind, err)
	}
	strict, err := json.UnmarshalStrict(text, into)
	if err != nil || len(strict) != 0 {
		t.Fatalf("%s: %v %v", kind, err, strict)
	}
	var meta metav1.TypeMeta
	if err := yaml.Unmarshal(document, &meta); err != nil || meta.APIVersion != version {
		t.Fatalf("%s: apiVersion %q instead of %q (%v)", kind, meta.APIVersion, version, err)
	}
	delete(documents, kind)
}

type set struct {
	config  corev1.ConfigMap
	service corev1.Service
	copies  appsv1.StatefulSet
	budget  policyv1.PodDisruptionBudget
	network networkingv1.NetworkPolicy
}

func load(t *testing.T) set {
	t.Helper()
	var s set
	all := documents(t, "millrace.yaml")
	decode(t, all, "ConfigMap", "v1", &s.config)
	decode(t, all, "Service", "v1", &s.service)
	decode(t, all, "StatefulSet", "apps/v1", &s.copies)
	decode(t, all, "PodDisruptionBudget", "policy/v1", &s.budget)
	decode(t, all, "NetworkPolicy", "networking.k8s.io/v1", &s.network)
	if len(all) != 0 {
		t.Fatalf("nobody looked at %v", all)
	}
	return s
}

func TestSelectorsFindThePods(t *testing.T) {
	s := load(t)
	pods := labels.Set(s.copies.Spec.Template.Labels)
	if len(pods) == 0 || s.copies.Spec.ServiceName != s.service.Name {
		t.Fatalf("labels %v, service %q", pods, s.copies.Spec.ServiceName)
	}
	selectors := map[string]*metav1.LabelSelector{
		"StatefulSet":         s.copies.Spec.Selector,
		"PodDisruptionBudget": s.budget.Spec.Selector,
		"NetworkPolicy":       &s.network.Spec.PodSelector,
		"Service":             {MatchLabels: s.service.Spec.Selector},
		"spread":              s.copies.Spec.Template.Spec.TopologySpreadConstraints[0].LabelSelector,
	}
	for name, wanted := range selectors {
		selector, err := metav1.LabelSelectorAsSelector(wanted)
		if err != nil || selector.Empty() || !selector.Matches(pods) {
			t.Errorf("%s: %v does not find %v (%v)", name, wanted, pods, err)
		}
	}
	if s.service.Spec.ClusterIP != corev1.ClusterIPNone {
		t.Error("the service has to be headless: pods of a StatefulSet get their names by it")
	}
}

func TestPodsAreNotRootAndWriteNothing(t *testing.T) {
	pod := load(t).copies.Spec.Template.Spec
	if pod.SecurityContext.RunAsNonRoot == nil || !*pod.SecurityContext.RunAsNonRoot ||
		*pod.SecurityContext.RunAsUser != 10001 {
		t.Error("runs as root")
	}
	if pod.SecurityContext.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault {
		t.Error("without seccomp")
	}
	if pod.AutomountServiceAccountToken == nil || *pod.AutomountServiceAccountToken {
		t.Error("has a token of the cluster, for which it has no use")
	}
	for _, container := range append(pod.InitContainers, pod.Containers...) {
		context := container.SecurityContext
		if !*context.ReadOnlyRootFilesystem || *context.AllowPrivilegeEscalation ||
			len(context.Capabilities.Drop) != 1 || context.Capabilities.Drop[0] != "ALL" {
			t.Errorf("%s: %+v", container.Name, context)
		}
		if container.Resources.Limits.Memory().IsZero() {
			t.Errorf("%s has no limit of memory", container.Name)
		}
		if !regexp.MustCompile(`:\d`).MatchString(container.Image) {
			t.Errorf("%s is not pinned", container.Image)
		}
	}
	if mode := pod.Volumes[1].Secret.DefaultMode; mode == nil || *mode != 0o440 {
		t.Errorf("others may read the secrets")
	}
}

func TestVolumesAndPortsAreThere(t *testing.T) {
	s := load(t)
	pod := s.copies.Spec.Template.Spec
	volumes := map[string]bool{}
	for _, volume := range pod.Volumes {
		volumes[volume.Name] = true
	}
	for _, container := range append(pod.InitContainers, pod.Containers...) {
		for _, mount := range container.VolumeMounts {
			if !volumes[mount.Name] {
				t.Errorf("%s mounts %s, which is no volume", container.Name, mount.Name)
			}
		}
	}
	if pod.Volumes[0].ConfigMap.Name != s.config.Name {
		t.Errorf("the ConfigMap is %s", s.config.Name)
	}
	container := pod.Containers[0]
	for name, probe := range map[string]*corev1.Probe{"startup": container.StartupProbe,
		"liveness": container.LivenessProbe, "readiness": container.ReadinessProbe} {
		if probe == nil || probe.HTTPGet.Port.String() != container.Ports[0].Name {
			t.Errorf("%s asks at %+v", name, probe)
		}
	}
	if container.LivenessProbe.HTTPGet.Path != "/healthz" ||
		container.ReadinessProbe.HTTPGet.Path != "/readyz" {
		t.Error("a broker that is away must not restart the pods")
	}
	if s.service.Spec.Ports[0].TargetPort.String() != container.Ports[0].Name {
		t.Error("the service leads nowhere")
	}
}

func TestThePipelineFits(t *testing.T) {
	s := load(t)
	pipeline := s.config.Data["user-login.yaml"]
	if !strings.Contains(pipeline, "instance: ${HOSTNAME}") {
		t.Error("the ordinal has to be the name of the copy")
	}
	port := s.copies.Spec.Template.Spec.Containers[0].Ports[0].ContainerPort
	if port != 9464 || !strings.Contains(pipeline, `serve: {listen: "0.0.0.0:9464"}`) {
		t.Error("probes and pipeline do not agree on the port")
	}
	grace := s.copies.Spec.Template.Spec.TerminationGracePeriodSeconds
	if strings.Contains(pipeline, "stop_deadline") || grace == nil || *grace <= 35 {
		t.Error("a stop takes up to 35 s")
	}
	for _, container := range s.copies.Spec.Template.Spec.Containers {
		file := container.Args[len(container.Args)-1]
		if _, there := s.config.Data[filepath.Base(file)]; !there {
			t.Errorf("there is no %s", file)
		}
	}
}

func TestTheAutoscalerFindsTheCopies(t *testing.T) {
	var scaler autoscalingv2.HorizontalPodAutoscaler
	all := documents(t, "autoscale-hpa.yaml")
	decode(t, all, "HorizontalPodAutoscaler", "autoscaling/v2", &scaler)
	copies := load(t).copies
	if scaler.Spec.ScaleTargetRef.Kind != "StatefulSet" ||
		scaler.Spec.ScaleTargetRef.Name != copies.Name {
		t.Errorf("%+v", scaler.Spec.ScaleTargetRef)
	}
	metrics, err := os.ReadFile("../../docs/metrics.md")
	name := scaler.Spec.Metrics[0].Pods.Metric.Name
	if err != nil || !strings.Contains(string(metrics), "`"+name+"`") {
		t.Errorf("%s is no metric (%v)", name, err)
	}
}
