# e2e: filled by its tests
