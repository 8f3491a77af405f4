"""The embedded sample platform: a small site for appointments and test results.

Faulty, it has the faults of the CNIL's decision MED-2021-093 (Francetest) and their neighbours;
compliant, it is the repaired twin. A real server with real certificates, on loopback only, with
synthetic data only. It imports nothing of the rest of the package.
"""

from gdpr_audit.demo.serve import Sample, serve

__all__ = ["Sample", "serve"]
