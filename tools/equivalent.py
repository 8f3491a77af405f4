"""Mutants that no test can kill, each with the reason why it changes nothing that can be seen."""

from __future__ import annotations

#: By the mutant's name, as `tools/mutate.py` lists it.
RULES = {
    "certificate-nonconforming: require.any[1] certificate.leaf_rsa_bits at_most 0 +1": (
        "0 says that the key is not RSA; no RSA key has one bit"
    ),
    "storage-short-key: require.any[1] store.encryption.algorithm one_of without 3DES": (
        "no 3DES key has 128 effective bits, so that it fails in the list as outside it"
    ),
    "storage-short-key: require.any[1] store.encryption.algorithm one_of without DES": (
        "as 3DES: a DES key has 56 bits"
    ),
}

CODE = {
    "judge: return None => return not None": "the strength of what is open is never read",
    'predicates: 1 => 2 in: amount = int(f"{found[1]}{found[2]}") if found[1] else 0': (
        "a sign stands with its amount, or neither does"
    ),
}
