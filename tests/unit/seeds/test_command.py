"""`iqx seed` as an operator types it."""

from tempfile import TemporaryDirectory

from click.testing import CliRunner

from server.cli import main

SECRETS = {
    "IQX_TOKEN_KEYS": "a:a8J2kq0sVbXz5LwN7rTgHyUe3cPdMf41",
    "IQX_SEAL_KEYS": "a:Qw9eRt7yUi5oPa3sDf1gHj0kLz8xCv6b",
    "IQX_PROOF_KEYS": "a:Zx7cVb3nMq1wEr5tYu9iOp2aSd6fGh4k",
    "IQX_FINGERPRINT_SECRET": "m4N6b8V0c2X1z3A5s7D9f-GhJkLqWeRt",
    "IQX_PASSKEY_DOMAIN": "iqx.example",
    "IQX_STEP_UP": "none",
    "IQX_SMTP_HOST": "mail.example",
}


def run_seed(database_url, **settings):
    environment = {"IQX_DATABASE_URL": database_url, "IQX_BCRYPT_ROUNDS": "4"} | settings
    with TemporaryDirectory() as folder:
        environment["IQX_KYC_FOLDER"] = folder
        return CliRunner().invoke(main, ["seed"], env=environment)


def test_seed_says_what_it_made_and_then_that_there_is_nothing_to_do(database_url):
    first = run_seed(database_url)
    second = run_seed(database_url)

    assert (first.exit_code, second.exit_code) == (0, 0), (first.output, second.output)
    assert "Made 32 completed trades." in first.output
    assert "Made 3 applications for verification." in first.output
    assert "alice@example.com" in first.output
    assert second.output.strip().splitlines()[-1] == (
        "The demo world is complete, there is nothing to do."
    )


def test_seed_is_refused_in_production_in_one_sentence(database_url):
    refused = run_seed(database_url, IQX_ENV="production", IQX_BCRYPT_ROUNDS="12", **SECRETS)

    assert refused.exit_code == 1
    assert refused.output == "Production settings refuse the seeds: nothing was changed.\n"
