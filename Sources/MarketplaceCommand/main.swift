print("marketplace")
