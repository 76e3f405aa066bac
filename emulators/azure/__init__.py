"""Azure on this machine: Resource Manager, storage, deployment service and tokens, and the deployed functions themselves.

The real client libraries speak to it over TLS. What is deployed runs in Microsoft's azure-functions-runtime, under
emulators/azure_host.py. It refuses what Azure documents that it refuses, as far as leanfn comes near it; quotas, roles
and the building of requirements are not emulated.
"""

from __future__ import annotations

from collections.abc import Mapping

from .. import background
from .runtime import interpreter


def connect() -> Mapping[str, str]:
    """The settings that the clients need; it is started if it does not run.

    Microsoft's runtime is installed here, the first time: that may take longer than a start may.
    """
    interpreter()
    return background.connect("azure")
