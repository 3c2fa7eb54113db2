"""ROS 2 nodes: converts messages, calls `vplanner`, publishes. Nothing here plans or simulates by itself."""
