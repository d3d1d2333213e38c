"""Checks a receipt of an escrow without us.

Usage: python verify_receipt.py RECEIPT.json KEYS.json

RECEIPT.json is the answer of GET /api/v1/trades/{id}/receipt, KEYS.json that of
GET /api/v1/proofs/keys. Needs Python 3.11 and the library cryptography, and nothing of ours.
"""

import base64
import json
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

PURPOSE = b"iqx escrow receipt 1\n"


def main() -> int:
    """Say what the receipt says, or why it cannot be believed."""
    shown, published = (json.loads(Path(name).read_bytes()) for name in sys.argv[1:3])
    receipt = shown["receipt"]
    keys = {key["kid"]: base64.b64decode(key["public_key"]) for key in published["keys"]}
    key_id = receipt["key_id"]
    if set(shown) != {"receipt", "key_id", "signature"} or key_id != shown["key_id"]:
        print("This is no receipt.")
        return 1
    if key_id not in keys:
        print(f"It was signed with the key {key_id}, which is not among those given.")
        return 1
    signed = json.dumps(receipt, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    try:
        signature = base64.b64decode(shown["signature"], validate=True)
        key = Ed25519PublicKey.from_public_bytes(keys[key_id])
        key.verify(signature, PURPOSE + signed.encode())
    except (InvalidSignature, ValueError):
        print("The signature is not of this receipt.")
        return 1
    trade, escrow = receipt["trade"], receipt["escrow"]
    print(f"The receipt is ours, of {receipt['issued_at']}, by the key {key_id}.")
    print(f"Trade {trade['trade_id']}: {trade['amount']} {trade['asset']} for")
    print(f"{trade['fiat']} {trade['currency']}, {trade['seller']} to {trade['buyer']}.")
    print(f"Escrow: {escrow['locked']} {escrow['asset']}, {escrow['state']}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
