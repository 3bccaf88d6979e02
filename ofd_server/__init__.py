"""The operator of fiscal data: accepts documents, keeps them for ever, answers with fiscal signs."""
