import re
from pathlib import Path
from typing import Any
from unittest import TestCase

import yaml
from django.conf import settings
from django.test import SimpleTestCase, override_settings

from config.settings import BASE_DIR

K8S = BASE_DIR / "deploy" / "k8s"
BASE = K8S / "base"


def documents(path: Path) -> list[dict[str, Any]]:
    return [document for document in yaml.safe_load_all(path.read_text()) if document]


class ManifestTestCase(TestCase):
    def setUp(self) -> None:
        self.kustomization = documents(BASE / "kustomization.yaml")[0]
        resources = self.kustomization["resources"]
        self.all = [document for name in resources for document in documents(BASE / name)]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [document for document in self.all if document["kind"] == kind]

    def templates(self) -> dict[str, dict[str, Any]]:
        """Return the template of the pods of everything that has pods, by kind and name."""
        found = {}
        for document in self.all:
            spec = document.get("spec", {})
            if document["kind"] == "CronJob":
                spec = spec["jobTemplate"]["spec"]
            if document["kind"] in ("Deployment", "Job", "CronJob"):
                name = f"{document['kind']} {document['metadata']['name']}"
                found[name] = spec["template"]
        return found


class CrossReferenceTests(ManifestTestCase):
    def test_every_file_is_used(self) -> None:
        files = {path.name for path in BASE.glob("*.yaml")} - {"kustomization.yaml"}
        self.assertEqual(files, set(self.kustomization["resources"]))

    def test_selectors_find_their_pods(self) -> None:
        labels = [template["metadata"]["labels"] for template in self.templates().values()]
        for deployment in self.of("Deployment"):
            spec = deployment["spec"]
            chosen = spec["selector"]["matchLabels"]
            self.assertLessEqual(chosen.items(), spec["template"]["metadata"]["labels"].items())
        for document in self.of("Service") + self.of("PodDisruptionBudget"):
            selector = document["spec"]["selector"]
            chosen = selector.get("matchLabels", selector)
            with self.subTest(document["kind"], chosen=chosen):
                self.assertTrue(any(chosen.items() <= label.items() for label in labels))

    def test_services_reach_ports_and_are_reached(self) -> None:
        [service] = self.of("Service")
        ports = {
            port["name"]
            for template in self.templates().values()
            for container in template["spec"]["containers"]
            for port in container.get("ports", ())
        }
        self.assertIn(service["spec"]["ports"][0]["targetPort"], ports)
        [ingress] = self.of("Ingress")
        backend = ingress["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
        self.assertEqual(backend["name"], service["metadata"]["name"])
        self.assertEqual(backend["port"]["name"], service["spec"]["ports"][0]["name"])

    def test_autoscaler_has_what_it_measures(self) -> None:
        [scaler] = self.of("HorizontalPodAutoscaler")
        name = scaler["spec"]["scaleTargetRef"]["name"]
        [target] = [it for it in self.of("Deployment") if it["metadata"]["name"] == name]
        self.assertNotIn("replicas", target["spec"])
        for container in target["spec"]["template"]["spec"]["containers"]:
            self.assertIn("cpu", container["resources"]["requests"])

    def test_configuration_is_there(self) -> None:
        [config] = self.of("ConfigMap")
        for name, template in self.templates().items():
            for container in template["spec"]["containers"]:
                sources = container["envFrom"]
                with self.subTest(name):
                    self.assertEqual(sources[0]["configMapRef"]["name"], config["metadata"]["name"])
                    # Made outside; its keys are in secrets/README.md.
                    self.assertEqual(
                        sources[1]["secretRef"]["name"], f"{settings.PROJECT_SLUG}-secrets"
                    )

    def test_words_are_those_of_the_image(self) -> None:
        entrypoint = (BASE_DIR / "docker" / "entrypoint.sh").read_text()
        known = set(re.findall(r"^    ([a-z]+)\)$", entrypoint, re.MULTILINE))
        for name, template in self.templates().items():
            for container in template["spec"]["containers"]:
                word = container["args"][0]
                with self.subTest(name):
                    self.assertIn(word, known | {"python"})
                    self.assertEqual(container["image"], settings.PROJECT_SLUG)


class SafetyTests(ManifestTestCase):
    def test_no_process_may_do_more_than_it_must(self) -> None:
        for name, template in self.templates().items():
            spec = template["spec"]
            with self.subTest(name):
                self.assertTrue(spec["securityContext"]["runAsNonRoot"])
                self.assertEqual(spec["securityContext"]["runAsUser"], 10001)
                self.assertFalse(spec["automountServiceAccountToken"])
                for container in spec["containers"]:
                    context = container["securityContext"]
                    self.assertTrue(context["readOnlyRootFilesystem"])
                    self.assertFalse(context["allowPrivilegeEscalation"])
                    self.assertEqual(context["capabilities"], {"drop": ["ALL"]})
                    self.assertIn("memory", container["resources"]["limits"])

    def test_there_is_one_clock_at_most(self) -> None:
        for deployment in self.of("Deployment"):
            if deployment["metadata"]["name"].endswith("-beat"):
                self.assertEqual(deployment["spec"]["replicas"], 1)
                self.assertEqual(deployment["spec"]["strategy"], {"type": "Recreate"})

    def test_no_secret_is_in_a_manifest(self) -> None:
        self.assertFalse(self.of("Secret"))
        for path in K8S.rglob("*.yaml"):
            self.assertNotRegex(path.read_text(), r"(?i)(password|secret_key): *\S")

    def test_jobs_run_at_their_times(self) -> None:
        for job in self.of("CronJob"):
            name = job["metadata"]["name"].removeprefix(f"{settings.PROJECT_SLUG}-")
            self.assertEqual(job["spec"]["schedule"], settings.JOBS[name]["cron"])
            self.assertEqual(job["spec"]["concurrencyPolicy"], "Forbid")
        if self.of("CronJob"):
            self.assertEqual(len(self.of("CronJob")), len(settings.JOBS))


class OverlayTests(TestCase):
    def test_each_has_its_hosts(self) -> None:
        for name in ("staging", "production"):
            [overlay] = documents(K8S / "overlays" / name / "kustomization.yaml")
            patches = "".join(patch["patch"] for patch in overlay["patches"])
            host = re.search(r"/spec/rules/0/host\n\s+value: \"?([^\"\n]+)", patches)
            assert host
            self.assertIn(f'DJANGO_ALLOWED_HOSTS\n  value: "{host[1]}"', patches)


class ProbeTests(SimpleTestCase):
    @override_settings(SECURE_SSL_REDIRECT=True, ALLOWED_HOSTS=["api.example.org"])
    def test_are_answered_as_a_cluster_asks(self) -> None:
        [web] = [it for it in documents(BASE / "web.yaml") if it["kind"] == "Deployment"]
        container = web["spec"]["template"]["spec"]["containers"][0]
        for probe in ("startupProbe", "livenessProbe"):
            path = container[probe]["httpGet"]["path"]
            response = self.client.get(path, headers={"host": "10.1.2.3:8000"})
            self.assertEqual(response.status_code, 200)
