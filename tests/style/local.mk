# style: filled by its tests
