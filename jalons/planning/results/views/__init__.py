"""Pages of the promises: the chain, the sheets of indicators, the lists that they draw on."""
