"""Rules judge: the rule book, the seven predicates and the judge, all pure."""
