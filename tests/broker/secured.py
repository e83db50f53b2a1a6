# SPDX-License-Identifier: Apache-2.0
"""A broker that asks who is there: certificates, users with passwords, and what each may do.

It has a listener of every kind. The plain one is the harness's, whose user may do everything; on
the others nobody may do anything that was not granted."""

import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
KAFKA = HERE / "kafka" / "kafka.py"
sys.path.insert(0, str(KAFKA.parent))
import kafka  # noqa: E402
import trial  # noqa: E402

PASSWORD = "s3cret-{}-pw"
PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule"
# The first is the harness's. SCRAM is SASL_PLAINTEXT where no other mechanism is enabled.
LISTENERS = {"PLAINTEXT": "PLAINTEXT", "SASL_PLAINTEXT": "SASL_PLAINTEXT", "SSL": "SSL",
             "SASL_SSL": "SASL_SSL", "SCRAM": "SASL_PLAINTEXT"}
SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, text=True,
                          capture_output=True, check=False, **options)
    if done.returncode != 0:
        raise AssertionError(f"{command[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


class Certificates:
    """An authority, and what it signed: NAME.pem and NAME.key, and both in one for the broker."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True)
        for authority in ("ca", "stranger"):
            run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                "-subj", f"/CN={authority}", "-keyout", self.key(authority),
                "-out", self.file(authority))
        self.sign("broker", "ca", "subjectAltName=IP:127.0.0.1,DNS:localhost")
        self.sign("client", "ca", "extendedKeyUsage=clientAuth")
        self.sign("impostor", "stranger", "extendedKeyUsage=clientAuth")
        self.store = folder / "broker.store.pem"
        self.store.write_text("".join(
            path.read_text() for path in (self.key("broker"), self.file("broker"),
                                          self.file("ca"))))

    def file(self, name):
        return self.folder / f"{name}.pem"

    def key(self, name):
        return self.folder / f"{name}.key"

    def sign(self, name, authority, extension):
        request = self.folder / f"{name}.csr"
        extensions = self.folder / f"{name}.ext"
        extensions.write_text(extension + "\n")
        run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}",
            "-keyout", self.key(name), "-out", request)
        run("openssl", "x509", "-req", "-in", request, "-CA", self.file(authority),
            "-CAkey", self.key(authority), "-CAcreateserial", "-days", "2",
            "-extfile", extensions, "-out", self.file(name))


class Broker:
    """Starts on construction; `addresses` by the name of the protocol."""

    def __init__(self, folder, users):
        self.data = folder / "kafka"
        self.certificates = Certificates(folder / "certificates")
        self.addresses = {name: f"127.0.0.1:{kafka.free_port()}" for name in LISTENERS}
        controller = kafka.free_port()
        listeners = ",".join(f"{name}://{self.addresses[name]}" for name in LISTENERS)
        protocols = ",".join(f"{name}:{protocol}" for name, protocol in LISTENERS.items())
        passwords = " ".join(f'user_{user}="{password(user)}"' for user in users)
        login = f'{PLAIN} required username="x" password="x" {passwords};'
        store = self.certificates.store
        properties = {
            "listeners": f"{listeners},CONTROLLER://127.0.0.1:{controller}",
            "advertised.listeners": listeners,
            "controller.port": controller,
            "listener.security.protocol.map": f"CONTROLLER:PLAINTEXT,{protocols}",
            "sasl.enabled.mechanisms": "PLAIN",
            "listener.name.scram.sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "listener.name.scram.scram-sha-512.sasl.jaas.config": f"{SCRAM} required;",
            "listener.name.sasl_plaintext.plain.sasl.jaas.config": login,
            "listener.name.sasl_ssl.plain.sasl.jaas.config": login,
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": store,
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": self.certificates.file("ca"),
            "listener.name.ssl.ssl.client.auth": "required",
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:ANONYMOUS",
            "auto.create.topics.enable": "false",
            "heap": "400m",
        }
        port = self.addresses["PLAINTEXT"].split(":")[1]
        run(sys.executable, KAFKA, "start", port, self.data,
            *(f"{name}={value}" for name, value in properties.items()))

    def stop(self):
        run(sys.executable, KAFKA, "stop", self.data)

    def add_scram_user(self, user):
        """With the password of its name; the other users exist from the start."""
        run(sys.executable, KAFKA, "tool", "kafka.admin.ConfigCommand", "--bootstrap-server",
            self.addresses["PLAINTEXT"], "--alter", "--entity-type", "users", "--entity-name",
            user, "--add-config", f"SCRAM-SHA-512=[password={password(user)}]")

    def allow(self, *rights):
        """Each of `rights` is PRINCIPAL;RESOURCE;NAME;OPERATION[,OPERATION...], see Rights.java."""
        self.change("allow", rights)

    def forbid(self, *rights):
        """Takes away what was granted."""
        self.change("forbid", rights)

    def change(self, action, rights):
        run("java", "-Dlog4j2.level=ERROR", "-cp", f"{trial.classes()}:{trial.LIBS}/*", "Rights",
            self.addresses["PLAINTEXT"], action, *rights)


def password(user):
    return PASSWORD.format(user)


def rights(user, topics="READ,WRITE,DESCRIBE,DESCRIBE_CONFIGS", group=True, transactions=True):
    """What a user may do, with all topics, groups and transactional ids."""
    granted = []
    if topics:
        granted.append(f"User:{user};TOPIC;*;{topics}")
    if group:
        granted.append(f"User:{user};GROUP;*;READ")
    if transactions:
        granted.append(f"User:{user};TRANSACTIONAL_ID;*;WRITE,DESCRIBE")
    return granted
