# scenario: filled by its tests
