"""Facts with source and date: GPUs, instances, prices, models, images, engine flags."""
