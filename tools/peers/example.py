"""The walk-through's secrets, and its manifests (examples/vault) made to ask a store of ours."""
import os
import pathlib
import shutil

EXAMPLE = pathlib.Path(__file__).resolve().parents[2] / "examples" / "vault"

SECRETS = {
    "shop-database": {
        "database-type": "PostgreSQL", "database-username": "shop", "database-password": "pw-one!",
        "database-host": "127.0.0.1:5432", "database-name": "shop",
        "database-jdbc-url": "jdbc:postgresql://127.0.0.1:5432/shop?sslmode=prefer"},
    "shop-files": {
        "storage-service-name": "com.mendix.storage.s3", "storage-bucket-name": "subdirectory",
        "storage-endpoint": "https://my-app-bucket.s3.eu-west-1.amazonaws.com",
        "storage-access-key-id": "AKIAEXAMPLE", "storage-secret-access-key": "secret-key-one",
        "storage-use-ca-certificates": "true", "storage-perform-delete": "true"},
    "shop-configuration": {
        "mx-admin-password": "Admin-one-1!", "mx-debugger-password": "debug-one",
        "mx-const-MyFirstModule.MyConstant": "constant-one",
        "com.mendix.storage.s3.EncryptionKeys":
            '[{"keyID":"first","algorithm":"AES","key":"AAAAAAAAAAAAAAAAAAAAAA=="}]'}}


PATHS = [f"secret/data/{path}" for path in SECRETS]


def write_secrets(store, **changes):
    """changes: {secret: {field: value}}."""
    for path, fields in SECRETS.items():
        store.write(path, {**fields, **changes.get(path.replace("-", "_"), {})})


def seed(store, **changes):
    """The secrets, and a login that may read them."""
    write_secrets(store, **changes)
    store.set_up_login(PATHS)


def manifests_for(store, folder, change=None):
    """A copy of the example that asks this store; `change` edits the SecretProviderClass."""
    import yaml  # of the tests' venv
    path = os.path.join(folder, "manifests")
    shutil.copytree(EXAMPLE, path, ignore=shutil.ignore_patterns("mistakes"))
    file = os.path.join(path, "secretproviderclass.yaml")
    with open(file) as stream:
        spc = yaml.safe_load(stream)
    spc["spec"]["parameters"]["vaultAddress"] = store.url
    if change:
        change(spc["spec"]["parameters"])
    with open(file, "w") as stream:
        yaml.safe_dump(spc, stream)
    return path


def values_of(secrets=None):
    """Every value that must be seen nowhere (short and public ones left out)."""
    hidden = ("password", "secret", "const", "Encryption")
    return [value for fields in (secrets or SECRETS).values() for key, value in fields.items()
            if any(word in key for word in hidden)]
