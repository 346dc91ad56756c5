# fuzz: filled by its tests
