"""The numbers behind text coding: arrays in, arrays out."""
