"""What the desk knows: articles as files, with a schema that checks each one."""
