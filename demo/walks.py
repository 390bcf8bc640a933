"""What differs between stores when the walk-through is shown: a class per store.

A walk starts its store, fills it, makes a copy of its example ask there, and changes one value by
the name of the file that it becomes.
"""
import json
import os

from peers import aws, azure, stores

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

MISTAKES = {
    "no annotation on the SecretProviderClass": "environment-class is missing",
    "no annotation on the ServiceAccount": "environment-account is missing",
    "names that differ": "is not named like MendixApp web/shop"}


def database_values(host):
    """The walk-through's; only the address is this machine's."""
    return {"database-type": "PostgreSQL",
            "database-jdbc-url": f"jdbc:postgresql://{host}/my-app-1?sslmode=prefer",
            "database-host": host, "database-name": "my-app-1",
            "database-username": "my-app-user-1", "database-password": "Welc0me!"}


CONFIGURATION = {
    "mx-admin-password": "Welc0me!", "mx-debugger-password": "Welc0me!",
    "mx-const-MyFirstModule.MyConstant": "from the store"}
STORAGE = {
    "storage-service-name": "com.mendix.storage.s3",
    "storage-endpoint": "https://my-app-bucket.s3.eu-west-1.amazonaws.com",
    "storage-access-key-id": "AKIAEXAMPLE", "storage-secret-access-key": "an-example-key",
    "storage-bucket-name": "subdirectory", "storage-use-ca-certificates": "true",
    "storage-perform-delete": "true"}
ENCRYPTION_KEYS = json.dumps(
    [{"keyID": "first", "algorithm": "AES", "key": "AAAAAAAAAAAAAAAAAAAAAA=="}])


def replace_in(path, old, new):
    with open(path) as file:
        text = file.read()
    if old not in text:
        raise RuntimeError(f"{path}: no {old!r} to replace")
    with open(path, "w") as file:
        file.write(text.replace(old, new))


class VaultWalk:
    """keyferry-dev's Vault face, or a real OpenBao."""
    example = os.path.join(TOP, "examples", "vault")
    seeded = "three secrets, a policy that reads them, a role bound to web/shop"
    files = 17
    hidden = ["Welc0me!", "an-example-key", "from the store", "AAAAAAAA"]
    mistakes = {
        "braces left in vaultAddress": "is a placeholder that was not filled in",
        "a path without /data/": "write secret/data/shop-files",
        "a setting without mx-runtime-":
            "name the file 'mx-runtime-com.mendix.storage.s3.EncryptionKeys'", **MISTAKES}

    def __init__(self, binaries, folder, arguments):
        if arguments.store == "openbao":
            self.store = stores.OpenBao(binaries, folder, arguments.bao)
        else:
            self.store = stores.DevStore(binaries, folder)

    def seed(self, host):
        self._secrets = {
            "shop-database": database_values(host), "shop-files": STORAGE,
            "shop-configuration": {**CONFIGURATION,
                                   "com.mendix.storage.s3.EncryptionKeys": ENCRYPTION_KEYS}}
        for name, fields in self._secrets.items():
            self.store.write(name, fields)
        self.store.set_up_login([f"secret/data/{name}" for name in self._secrets])

    def prepare(self, manifests):
        """Flags that say who asks."""
        replace_in(os.path.join(manifests, "secretproviderclass.yaml"),
                   "http://vault.vault.svc.cluster.local:8200", self.store.url)
        return ["--token-file", f"vault={self.store.token_file()}"]

    def update(self, file, value):
        secret = next(name for name, fields in self._secrets.items() if file in fields)
        self.store.update(secret, **{file: value})


class AwsWalk:
    """keyferry-dev's AWS face: one secret for the app, and a role that its account assumes."""
    example = os.path.join(TOP, "examples", "aws")
    seeded = "one secret, a role that reads it, trusted for tokens of web/shop"
    files = 18  # each key, and the secret as a whole
    hidden = ["Welc0me!", "an-example-key", "from the store", "AAAAAAAA"]
    mistakes = {
        "a placeholder left in objectName": "is a placeholder that was not filled in",
        "a key with a hyphen that is not quoted": "names with '-' stand in double quotes",
        "a setting without mx-runtime-":
            "name the file 'mx-runtime-com.mendix.storage.s3.EncryptionKeys'", **MISTAKES}

    def __init__(self, binaries, folder, _):
        self.store = aws.AwsDevStore(binaries, folder)

    def seed(self, host):
        self.store.write({**database_values(host), **STORAGE, **CONFIGURATION,
                          "com.mendix.storage.s3.EncryptionKeys": ENCRYPTION_KEYS})
        self.store.set_up_app_role()

    def prepare(self, manifests):
        """Flags that say who asks."""
        replace_in(os.path.join(manifests, "secretproviderclass.yaml"), "    objects: |",
                   f'    endpointUrl: "{self.store.url}"\n    objects: |')
        return ["--token-file", f"{aws.AUDIENCE}={self.store.token_file()}"]

    def update(self, file, value):
        self.store.write({file: value})


class AzureWalk:
    """keyferry-dev's Azure face: Key Vault, and Entra to log in at."""
    example = os.path.join(TOP, "examples", "azure")
    seeded = "15 secrets; a managed identity that trusts web/shop, with a role that reads them"
    files = 15
    hidden = ["Welc0me!", "an-example-key", "from the store", "AAAAAAAA"]
    mistakes = {
        "braces left in keyvaultName": "is a placeholder that was not filled in",
        "a dot in a secret's name": "names are of letters, digits and '-'",
        "a setting without mx-runtime-":
            "name the file 'mx-runtime-com.mendix.storage.s3.EncryptionKeys'", **MISTAKES}
    storage = {
        "storage-service-name": "com.mendix.storage.azure",
        "storage-azure-account-name": "shopfiles", "storage-azure-account-key": "an-example-key",
        "storage-azure-container": "shop", "storage-perform-delete": "true"}
    # Key Vault's names have no dots; the files' have.
    names = {"mx-const-MyFirstModule.MyConstant": "mx-const-MyFirstModule-MyConstant",
             "mx-runtime-com.mendix.storage.s3.EncryptionKeys":
                 "com-mendix-storage-s3-EncryptionKeys"}

    def __init__(self, binaries, folder, _):
        self.store = azure.AzureDevStore(binaries, folder)

    def seed(self, host):
        files = {**database_values(host), **self.storage, **CONFIGURATION,
                 "mx-runtime-com.mendix.storage.s3.EncryptionKeys": ENCRYPTION_KEYS}
        for file, value in files.items():
            self.update(file, value)

    def prepare(self, manifests):
        more = "".join(f"    {name}: {json.dumps(value)}\n"
                       for name, value in self.store.parameters().items())
        replace_in(os.path.join(manifests, "secretproviderclass.yaml"), "  parameters:\n",
                   "  parameters:\n" + more)
        return ["--token-file", f"{azure.AUDIENCE}={self.store.token_file()}"]

    def update(self, file, value):
        self.store.set_secret(self.names.get(file, file), value)


# By the words of --store: the class, and what it is called.
WALKS = {"dev": (VaultWalk, "keyferry-dev store"), "openbao": (VaultWalk, "OpenBao"),
         "aws": (AwsWalk, "keyferry-dev store --face aws"),
         "azure": (AzureWalk, "keyferry-dev store --face azure")}
