"""English of European funders."""
