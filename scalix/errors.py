"""Every error Scalix raises on purpose. One base, thin subclasses at the boundaries."""


class ScalixError(Exception):
    """Base of all errors raised by Scalix; its message names the value at fault and the next step."""


class SettingsError(ScalixError):
    """A setting is missing, unknown, or contradicts another."""


class NotConfiguredError(SettingsError):
    """A provider cannot be called as things are; the message says what to set."""


class NotThereError(SettingsError):
    """What was named does not exist."""


class StoreError(ScalixError):
    """The ledger or the control store cannot be opened or does not hold what it should."""


class SpoolError(ScalixError):
    """A spool folder or segment cannot be used."""


class DemoError(ScalixError):
    """The demo could not run, or what was recorded differs from what the providers saw."""


class DeliveryError(ScalixError):
    """A message cannot be sent to where it should go."""


class UnexplainedError(ScalixError):
    """A recorded decision cannot be recomputed by this release; the message names what it needs."""


class BudgetExceededError(ScalixError):
    """A budget that blocks is spent; the message names it. Raised to the caller on purpose."""
