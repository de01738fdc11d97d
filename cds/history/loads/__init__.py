"""What is taken today, added up: opioids and sedatives."""
