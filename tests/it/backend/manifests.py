"""Whether rendered manifests fit together: what one names, another has. Prints each thing that does not fit.

    python manifests.py RENDERED.yaml

Runs in the project's environment and folder. What keeps to its schema can still select nothing, and the schemas cannot see that.
"""

import re
import sys
from pathlib import Path

import yaml

DOCUMENTS = [it for it in yaml.safe_load_all(Path(sys.argv[1]).read_text()) if it]
FAULTS = []


def expect(holds, what):
    if not holds:
        FAULTS.append(what)


def of(*kinds):
    return [it for it in DOCUMENTS if it["kind"] in kinds]


def name(document):
    return f"{document['kind']} {document['metadata']['name']}"


def template(document):
    spec = document["spec"]
    if document["kind"] == "CronJob":
        spec = spec["jobTemplate"]["spec"]
    return spec["template"]


PODS = {name(it): template(it) for it in of("Deployment", "Job", "CronJob")}


def chosen_by(labels):
    return [pod for pod in PODS.values() if labels.items() <= pod["metadata"]["labels"].items()]


def ports(pods):
    return {port["name"] for pod in pods for container in pod["spec"]["containers"] for port in container.get("ports", ())}


def selectors():
    for it in of("Deployment"):
        labels = it["spec"]["selector"]["matchLabels"]
        expect(labels.items() <= template(it)["metadata"]["labels"].items(), f"{name(it)} does not select its own pods")
        others = [pod for pod in chosen_by(labels) if pod is not template(it)]
        expect(not others, f"{name(it)} selects the pods of others, too")
    for it in of("PodDisruptionBudget"):
        expect(chosen_by(it["spec"]["selector"]["matchLabels"]), f"{name(it)} selects nothing")
    for it in of("NetworkPolicy"):
        labels = it["spec"]["podSelector"].get("matchLabels", {})
        expect(chosen_by(labels), f"{name(it)} selects nothing")
        for rule in it["spec"].get("ingress", ()):
            for port in rule.get("ports", ()):
                expect(port["port"] in ports(chosen_by(labels)), f"{name(it)} opens {port['port']}, which nobody has")


def services():
    served = {}
    for it in of("Service"):
        pods = chosen_by(it["spec"]["selector"])
        expect(pods, f"{name(it)} selects nothing")
        for port in it["spec"]["ports"]:
            expect(port["targetPort"] in ports(pods), f"{name(it)} leads to {port['targetPort']}, which no pod has")
        served[it["metadata"]["name"]] = {port["name"] for port in it["spec"]["ports"]}
    for it in of("Ingress"):
        for rule in it["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                to = path["backend"]["service"]
                expect(to["port"]["name"] in served.get(to["name"], ()), f"{name(it)} leads to {to}")
        hosts = {rule["host"] for rule in it["spec"]["rules"]}
        secured = {host for tls in it["spec"].get("tls", ()) for host in tls["hosts"]}
        expect(hosts == secured, f"{name(it)} answers for {hosts} and has certificates for {secured}")
        [settings] = of("ConfigMap")
        allowed = set(settings["data"]["DJANGO_ALLOWED_HOSTS"].split(","))
        expect(hosts <= allowed, f"{name(it)} answers for {hosts}, and the application for {allowed}")


def autoscaler():
    deployments = {it["metadata"]["name"]: it for it in of("Deployment")}
    for it in of("HorizontalPodAutoscaler"):
        target = deployments.get(it["spec"]["scaleTargetRef"]["name"])
        expect(target, f"{name(it)} scales nothing")
        if target:
            expect("replicas" not in target["spec"], f"{name(target)} and {name(it)} both say how many there are")
            for container in template(target)["spec"]["containers"]:
                expect("cpu" in container["resources"].get("requests", {}), f"{name(target)} requests no cpu")


def configuration():
    made = {("configMapRef", it["metadata"]["name"]) for it in of("ConfigMap")}
    readme = Path("deploy/k8s/secrets/README.md").read_text()
    # Secrets are made outside, as that page says.
    made |= {("secretRef", found) for found in re.findall(r"Secret `([^`]+)`", readme)}
    accounts = {it["metadata"]["name"] for it in of("ServiceAccount")}
    images, known = set(), Path(".env.example").read_text()
    for place, pod in PODS.items():
        expect(pod["spec"]["serviceAccountName"] in accounts, f"{place} has no account")
        volumes = {volume["name"] for volume in pod["spec"].get("volumes", ())}
        for container in pod["spec"]["containers"]:
            images.add(container["image"])
            for source in container.get("envFrom", ()):
                [(kind, to)] = source.items()
                expect((kind, to["name"]) in made, f"{place} reads {to['name']}, which nobody makes")
            for mount in container.get("volumeMounts", ()):
                expect(mount["name"] in volumes, f"{place} mounts {mount['name']}, which it has not")
    expect(len(images) == 1, f"several images: {images}")
    expect(all(re.search(r":[^/:]+$", image) and not image.endswith(":latest") for image in images), f"no tag: {images}")
    names = [key for it in of("ConfigMap") for key in it["data"]]
    names += re.findall(r"^\| `([A-Z_]+)` \|", readme, re.MULTILINE)
    for key in names:
        expect(key == "DJANGO_SETTINGS_MODULE" or f"{key}=" in known, f"{key} is in no list of variables")


def clocks():
    for it in of("Deployment"):
        if it["metadata"]["name"].endswith("-beat"):
            expect(it["spec"].get("replicas") == 1, f"{name(it)} must be one")
            expect(it["spec"].get("strategy") == {"type": "Recreate"}, f"{name(it)} must end before it starts anew")


def places():
    spaces = {it["metadata"].get("namespace") for it in DOCUMENTS if it["kind"] != "Namespace"}
    expect(len(spaces) == 1, f"several namespaces: {spaces}")
    twice = [name(it) for it in DOCUMENTS]
    expect(len(twice) == len(set(twice)), f"a name is there twice: {twice}")


for look in (selectors, services, autoscaler, configuration, clocks, places):
    look()
print("\n".join(FAULTS), end="")
