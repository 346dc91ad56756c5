# installed data files
