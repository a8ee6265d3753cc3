"""What accompanies a run: outputs, the record, the dashboard, remote control."""
