"""What the Scalix app asks with its own key: credits used and in total, when they begin anew, and the budget.

Credits are dollars of the account that the key's limit is on: its own, else its user's, else its team's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scalix.gateway.endpoints.route import Endpoint, ForbiddenError, Scope
from scalix.gateway.endpoints.shapes import moment, shown_account

if TYPE_CHECKING:
    from analytics.access.accounts import Account
    from analytics.access.keys import Caller
    from scalix.gateway.desk import Desk, Who


def user_info(_desk: Desk, who: Who, _fields: dict[str, Any]) -> dict[str, Any]:
    """Used and total credits; the total is null without a budget, the date without a window."""
    caller, account = _asking(who)
    budget = account.limits.budget_usd
    return {
        "userId": caller.key.user_id or caller.key.id,
        "usedCredits": float(account.spent_usd),
        "totalCredits": None if budget is None else float(budget),
        "budgetResetDate": moment(account.window_end_us),
    }


def user_budget(_desk: Desk, who: Who, _fields: dict[str, Any]) -> dict[str, Any]:
    """The budget that holds for the key's calls, and the accounts they are counted for."""
    caller, account = _asking(who)
    return {
        "user_id": caller.key.user_id,
        "scope": {"kind": account.kind, "id": account.id},
        **shown_account(account),
        "accounts": [{"kind": one.kind, "id": one.id, **shown_account(one)} for one in caller.accounts],
    }


def _asking(who: Who) -> tuple[Caller, Account]:
    if who.caller is None:
        raise ForbiddenError("this is for holders of a key")
    accounts = {account.kind: account for account in who.caller.accounts}
    of_interest = [accounts[kind] for kind in ("key", "user", "team") if kind in accounts]
    return who.caller, next((one for one in of_interest if one.limits.budget_pusd is not None), of_interest[0])


ENDPOINTS = (
    Endpoint("GET", "/v1/user/info", Scope.HOLDER, user_info),
    Endpoint("GET", "/v1/user/budget", Scope.HOLDER, user_budget),
    Endpoint("GET", "/user/budget", Scope.HOLDER, user_budget),
)
