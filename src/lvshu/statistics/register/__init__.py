"""One register of units and one of persons from the records of many sources, with the error that linking adds."""
