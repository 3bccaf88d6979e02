"""The scenarios, one module for each kind of trouble; :data:`mock_ofd.conformance.catalogue.SCENARIOS` has them all."""
