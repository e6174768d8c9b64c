"""The bundle that comes with lentigo, as data; `lentigo` stands for it wherever a model is named."""
