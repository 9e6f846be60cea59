"""What is learnt or ruled from data: forecasts and scores, each with how well it was measured."""
