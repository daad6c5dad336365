"""One small FastAPI application per shape that the generator knows, with the models they use."""
