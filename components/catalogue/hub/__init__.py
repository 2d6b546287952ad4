"""What a model's `config.json` on the Hugging Face Hub says about its shape."""
