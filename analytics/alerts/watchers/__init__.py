"""What rules look at, one module per kind. Each answers with findings: of what, at which threshold, crossed or not."""
