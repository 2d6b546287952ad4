"""What RunPod needs of a plan: GPU pools, worker environment, workers and scaling, cost, notes."""
