"""What the account holds: accounting from fills, and the picture that the gate decides on."""
