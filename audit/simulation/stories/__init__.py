"""Scripted stories: what an audit log is for, hidden among everyday events."""
