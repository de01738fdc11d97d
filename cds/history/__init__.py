"""What happened to the patient: typed facts, each with the resources that it rests on."""
