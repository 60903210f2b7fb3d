"""What the suite detects: its scenarios played against every single-fault SCP and every legal oddity."""
