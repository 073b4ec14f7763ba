print("no page yet")
