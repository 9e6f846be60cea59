"""Messages between the parts of a desk: in this process, or over RabbitMQ, NATS, Redis or Kafka.

``memory`` is the default. ``brokers`` puts one of the others in its place, each in a file of its
own. ``delivery`` is what all share: trying again, and where a message goes that nobody can handle.
"""
